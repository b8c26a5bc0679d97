# Alarms of a function and of a queue are in their modules; here are those of the stream, of the mail and of the bill.
resource "aws_sns_topic" "alarms" {
  name              = "${local.prefix}-alarms"
  kms_master_key_id = aws_kms_key.main.arn
}

resource "aws_sns_topic_policy" "alarms" {
  arn = aws_sns_topic.alarms.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AlarmsPublish"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = local.alarm_topic
        Condition = local.from_alarms
      },
      {
        Sid       = "BudgetPublishes"
        Effect    = "Allow"
        Principal = { Service = "budgets.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = local.alarm_topic
        Condition = local.from_budgets
      },
      {
        Sid       = "OnlyOverTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sns:Publish"
        Resource  = local.alarm_topic
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

# A service of AWS acts for others, too: here only for this account, and only for what this stage made.
locals {
  from_alarms = {
    StringEquals = { "aws:SourceAccount" = local.account }
    ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:cloudwatch:${local.region}:${local.account}:alarm:${local.prefix}-*" }
  }
  from_budgets = {
    StringEquals = { "aws:SourceAccount" = local.account }
    ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:budgets::${local.account}:*" }
  }
}

resource "aws_sns_topic_subscription" "email" {
  count     = var.alarm_email == null ? 0 : 1
  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

resource "aws_cloudwatch_metric_alarm" "iterator_age" {
  alarm_name          = "${local.prefix}-announce-iterator-age"
  alarm_description   = "New users wait for announce for more than a quarter of an hour. The stream keeps them for 24 hours. Runbook: iterator age."
  namespace           = "AWS/Lambda"
  metric_name         = "IteratorAge"
  dimensions          = { FunctionName = module.function["announce"].name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 2
  threshold           = 15 * 60 * 1000
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [local.alarm_topic]
  ok_actions          = [local.alarm_topic]
}

# A batch that announce hands back is no error to Lambda: while the welcomes queue is away, only its log tells. Lambda tries a batch 21 times, which may be
# over before its age is remarkable, and keeps it in the bucket of failures then. The series is billed only in hours in which there is an error.
resource "aws_cloudwatch_log_metric_filter" "announce_failures" {
  name           = "${local.prefix}-announce-failures"
  log_group_name = module.function["announce"].log_group
  pattern        = "{ $.level = \"ERROR\" }"

  metric_transformation {
    namespace = "Rollcall"
    name      = "${local.prefix}-announce-failures"
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "announce_failures" {
  alarm_name          = "${local.prefix}-announce-failures"
  alarm_description   = "announce could not pass new users on to the welcomes queue, or met a record that it cannot read. Runbook: announce failures."
  namespace           = "Rollcall"
  metric_name         = "${local.prefix}-announce-failures"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [local.alarm_topic]
  ok_actions          = [local.alarm_topic]
}

# SES judges the account as a whole: it reviews at 5% bounces or 0.1% complaints, and pauses at 10% or 0.5%.
resource "aws_cloudwatch_metric_alarm" "reputation" {
  for_each = {
    bounces    = { metric = "Reputation.BounceRate", threshold = 0.04, in_words = "4%" }
    complaints = { metric = "Reputation.ComplaintRate", threshold = 0.0008, in_words = "0.08%" }
  }

  alarm_name          = "${local.prefix}-mail-${each.key}"
  alarm_description   = "The account's rate of ${each.key} is ${each.value.in_words} or more: near the one at which SES puts it under review. Runbook: ${each.key}."
  namespace           = "AWS/SES"
  metric_name         = each.value.metric
  statistic           = "Maximum"
  period              = 3600
  evaluation_periods  = 1
  threshold           = each.value.threshold
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [local.alarm_topic]
  ok_actions          = [local.alarm_topic]
}

# Of the whole account, for these services: a tag would count only once somebody activated it for billing.
resource "aws_budgets_budget" "month" {
  count        = var.monthly_budget_usd > 0 ? 1 : 0
  name         = local.prefix
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_amount = tostring(var.monthly_budget_usd)
  limit_unit   = "USD"

  cost_filter {
    name = "Service"
    values = [
      "AWS Lambda", "Amazon Simple Queue Service", "Amazon DynamoDB", "Amazon Simple Storage Service", "Amazon Simple Email Service",
      "AWS Key Management Service", "AmazonCloudWatch", "AWS X-Ray", "Amazon API Gateway", "Amazon Simple Notification Service",
    ]
  }

  notification {
    notification_type         = "ACTUAL"
    comparison_operator       = "GREATER_THAN"
    threshold                 = 80
    threshold_type            = "PERCENTAGE"
    subscriber_sns_topic_arns = [local.alarm_topic]
  }
  notification {
    notification_type         = "FORECASTED"
    comparison_operator       = "GREATER_THAN"
    threshold                 = 100
    threshold_type            = "PERCENTAGE"
    subscriber_sns_topic_arns = [local.alarm_topic]
  }

  depends_on = [aws_sns_topic.alarms, aws_sns_topic_policy.alarms]
}
