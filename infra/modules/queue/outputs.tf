output "arn" {
  description = "The queue's ARN, once the queue and its policy are there."
  value       = var.arn
  depends_on  = [aws_sqs_queue.main, aws_sqs_queue_policy.main]
}
