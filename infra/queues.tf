module "queue" {
  source   = "./modules/queue"
  for_each = toset(local.queues)

  name             = "${local.prefix}-${each.key}"
  arn              = local.queue_arns[each.key]
  dead_letters_arn = local.queue_arns["${each.key}-dead-letters"]
  kms_key_arn      = aws_kms_key.main.arn

  # Lambda asks for six times the time-out, and for the batching window on top.
  visibility_seconds = 6 * local.functions[local.readers[each.key]].timeout + local.mappings[local.readers[each.key]].window

  # Welcomes wait for their turns: ten days hold twelve million at 14 a second. Whoever waits longer is found by the sweep. Dead letters keep the age
  # of their message, and stay fourteen.
  retention_seconds = 10 * 86400
  max_receives      = 100

  # An upload's message waits while another leg reads; records are stored at once; welcomes wait for their turns, and the last one has the last turn.
  age_alarm_seconds = { uploads = 3600, records = 1800, welcomes = var.welcomes_age_alarm_hours * 3600 }[each.key]
  alarm_topic_arn   = local.alarm_topic

  statements = each.key == "uploads" ? [
    {
      Sid       = "UploadsBucketNotifies"
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = local.queue_arns["uploads"]
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
        ArnEquals    = { "aws:SourceArn" = "arn:${local.partition}:s3:::${local.uploads_bucket}" }
      }
    }
  ] : []
}

locals {
  # Who reads which queue.
  readers = { uploads = "process-csv", records = "insert-records", welcomes = "send-email" }
}
