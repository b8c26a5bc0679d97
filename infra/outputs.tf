output "rollcall_environment" {
  description = "The environment of the command: `rollcall … --world aws` reads it."
  value       = merge(values(local.variables)...)
}

output "region" {
  description = "The AWS region that all of this is in."
  value       = local.region
}

output "dkim_records" {
  description = "CNAME records to put into the DNS of the sender's domain, where mail_identity is `domain`."
  value = var.mail_identity != "domain" ? [] : [
    for token in aws_sesv2_email_identity.sender[0].dkim_signing_attributes[0].tokens : {
      name  = "${token}._domainkey.${local.from_domain}"
      type  = "CNAME"
      value = "${token}.dkim.amazonses.com"
    }
  ]
}

output "operator_policy_arn" {
  description = "The policy to attach to the role of whoever uses the command."
  value       = aws_iam_policy.operator.arn
}

output "worker_policy_arn" {
  description = "The policy to attach to the role of a container that runs `rollcall work --world aws`."
  value       = aws_iam_policy.worker.arn
}

output "uploads_bucket" {
  description = "The bucket for uploads: a file that is put under uploads/ is imported."
  value       = local.uploads_bucket
}

output "dashboard" {
  description = "Where the flow can be watched."
  value       = "https://${local.region}.console.aws.amazon.com/cloudwatch/home?region=${local.region}#dashboards/dashboard/${local.prefix}"
}

output "console" {
  description = "Where the console and the HTTP API answer; null without an issuer."
  value       = one(aws_apigatewayv2_api.http[*].api_endpoint)
}

output "protected" {
  description = "Whether the data of this stage are protected from being destroyed."
  value       = var.protect_data
}
