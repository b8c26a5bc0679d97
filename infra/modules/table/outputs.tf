output "name" {
  description = "The table's name, once the table is there."
  value       = aws_dynamodb_table.main.name
}

output "stream_arn" {
  description = "The ARN of the table's stream, where it has one."
  value       = aws_dynamodb_table.main.stream_arn
}
