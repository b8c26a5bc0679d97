output "name" {
  description = "The bucket's name, once the bucket is there."
  value       = aws_s3_bucket.main.bucket
}

output "arn" {
  description = "The bucket's ARN, once the bucket and its settings are there."
  value       = local.arn
  depends_on  = [aws_s3_bucket.main, aws_s3_bucket_server_side_encryption_configuration.main, aws_s3_bucket_policy.main]
}
