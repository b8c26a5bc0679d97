# A queue with its dead-letter queue: both encrypted, both over TLS only.
resource "aws_sqs_queue" "main" {
  name                              = var.name
  visibility_timeout_seconds        = var.visibility_seconds
  message_retention_seconds         = var.retention_seconds
  receive_wait_time_seconds         = 20
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = local.key_reuse_seconds

  # Attempts are counted in the ledger, and the stages move what is hopeless by themselves: this catches messages that kill their process.
  redrive_policy = jsonencode({ deadLetterTargetArn = var.dead_letters_arn, maxReceiveCount = var.max_receives })

  lifecycle {
    precondition {
      condition     = var.retention_seconds < local.dead_letters_retention_seconds
      error_message = "${var.name}: dead letters keep the age of the message, so they must be kept longer than messages are."
    }
    precondition {
      condition     = var.max_receives * var.visibility_seconds < var.retention_seconds
      error_message = "${var.name}: a message that kills its process would expire before it was received ${var.max_receives} times."
    }
  }

  depends_on = [aws_sqs_queue.dead_letters]
}

resource "aws_sqs_queue" "dead_letters" {
  name                              = "${var.name}-dead-letters"
  visibility_timeout_seconds        = 60
  message_retention_seconds         = local.dead_letters_retention_seconds
  receive_wait_time_seconds         = 20
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = local.key_reuse_seconds
}

resource "aws_sqs_queue_redrive_allow_policy" "dead_letters" {
  queue_url            = aws_sqs_queue.dead_letters.id
  redrive_allow_policy = jsonencode({ redrivePermission = "byQueue", sourceQueueArns = [var.arn] })
}

resource "aws_sqs_queue_policy" "main" {
  queue_url = aws_sqs_queue.main.id
  policy    = jsonencode({ Version = "2012-10-17", Statement = concat([merge(local.tls_only, { Resource = var.arn })], var.statements) })
}

resource "aws_sqs_queue_policy" "dead_letters" {
  queue_url = aws_sqs_queue.dead_letters.id
  policy    = jsonencode({ Version = "2012-10-17", Statement = [merge(local.tls_only, { Resource = var.dead_letters_arn })] })
}

locals {
  # The longest that SQS allows: 14 days.
  dead_letters_retention_seconds = 14 * 86400

  # One call of KMS an hour instead of one every five minutes, for each that sends or receives.
  key_reuse_seconds = 3600

  # A denial may name every action: it gives nobody anything.
  tls_only = {
    Sid       = "OnlyOverTls"
    Effect    = "Deny"
    Principal = "*"
    Action    = "sqs:*"
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  }
}
