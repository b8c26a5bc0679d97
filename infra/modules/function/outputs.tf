output "name" {
  description = "The function's name, once it may do what it has to."
  value       = aws_lambda_function.main.function_name
  depends_on  = [aws_iam_role_policy.main]
}

output "arn" {
  description = "The function's ARN."
  value       = aws_lambda_function.main.arn
}

output "role_name" {
  description = "The name of its role."
  value       = aws_iam_role.main.name
}

output "log_group" {
  description = "The name of its log group."
  value       = aws_cloudwatch_log_group.main.name
}
