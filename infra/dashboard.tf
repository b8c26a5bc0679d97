# The flow from upload to mail, top to bottom; its field "import" narrows the log lines to one import.
resource "aws_cloudwatch_dashboard" "main" {
  dashboard_name = local.prefix
  dashboard_body = jsonencode({
    variables = [{ type = "pattern", pattern = "IMPORT", inputType = "input", id = "import", label = "import", defaultValue = "IMPORT", visible = true }]
    widgets = flatten([
      [for row, widgets in local.dashboard_rows : [for column, widget in widgets : {
        type   = "metric"
        x      = column * (24 / length(widgets))
        y      = row * 6
        width  = 24 / length(widgets)
        height = 6
        properties = {
          title   = widget.title
          region  = local.region
          view    = "timeSeries"
          stacked = false
          period  = 60
          stat    = widget.stat
          metrics = widget.metrics
        }
      }]],
      [{
        type   = "log"
        x      = 0
        y      = 6 * length(local.dashboard_rows)
        width  = 24
        height = 12
        properties = {
          title  = "One import, from upload to mail (give its id above)"
          region = local.region
          view   = "table"
          query  = "${join(" | ", [for group in local.log_groups : "SOURCE '${group}'"])} | ${trimspace(local.queries["one import"])}"
        }
      }],
    ])
  })
}

# An account's first three dashboards are free as long as each shows 50 metrics at most.
locals {
  dashboard_rows = concat(local.dashboard_stages, [for row in [[
    { title = "HTTP API: requests and problems", stat = "Sum", metrics = [for metric in ["Count", "4xx", "5xx"] : ["AWS/ApiGateway", metric, "ApiId", one(aws_apigatewayv2_api.http[*].id)]] },
    { title = "HTTP API: time to the answer, in milliseconds", stat = "p99", metrics = [["AWS/ApiGateway", "Latency", "ApiId", one(aws_apigatewayv2_api.http[*].id)]] },
  ]] : row if local.has_api])

  dashboard_stages = [
    [
      { title = "1. Uploads and records: messages put in and done", stat = "Sum", metrics = concat([for queue in ["uploads", "records"] : [for metric in ["NumberOfMessagesSent", "NumberOfMessagesDeleted"] : ["AWS/SQS", metric, "QueueName", "${local.prefix}-${queue}"]]]...) },
      { title = "2. Records: waiting and under way", stat = "Maximum", metrics = [for metric in ["ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"] : ["AWS/SQS", metric, "QueueName", "${local.prefix}-records"]] },
      { title = "3. Users: write units", stat = "Sum", metrics = [for table in local.tables : ["AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", "${local.prefix}-${table}"]] },
    ],
    [
      { title = "4. New users not yet announced: age, in milliseconds", stat = "Maximum", metrics = [["AWS/Lambda", "IteratorAge", "FunctionName", "${local.prefix}-announce"]] },
      { title = "5. Welcomes: waiting and under way", stat = "Maximum", metrics = [for metric in ["ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"] : ["AWS/SQS", metric, "QueueName", "${local.prefix}-welcomes"]] },
      { title = "6. Mails", stat = "Sum", metrics = [for event in ["Send", "Delivery", "Bounce", "Complaint", "Reject", "DeliveryDelay"] : ["AWS/SES", event, "ses:configuration-set", local.prefix]] },
    ],
    [
      { title = "Dead letters", stat = "Maximum", metrics = [for queue in local.queues : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "${local.prefix}-${queue}-dead-letters"]] },
      { title = "Oldest message, in seconds", stat = "Maximum", metrics = [for queue in local.queues : ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", "${local.prefix}-${queue}"]] },
      { title = "Errors and throttles", stat = "Sum", metrics = concat([for stage in keys(local.functions) : [for metric in ["Errors", "Throttles"] : ["AWS/Lambda", metric, "FunctionName", "${local.prefix}-${stage}"]]]...) },
      { title = "At once", stat = "Maximum", metrics = [for stage in concat(keys(local.mappings), ["announce"], local.has_api ? ["http"] : []) : ["AWS/Lambda", "ConcurrentExecutions", "FunctionName", "${local.prefix}-${stage}"]] },
    ],
  ]
}
