# Saved queries of CloudWatch Logs Insights, over the logs of all functions.
resource "aws_cloudwatch_query_definition" "main" {
  for_each        = local.queries
  name            = "${local.prefix}/${each.key}"
  log_group_names = local.log_groups
  query_string    = each.value
}

locals {
  log_groups = [for stage in keys(local.functions) : module.function[stage].log_group]

  # Lines are {"level", "message" (the event), "service" (the function), "facts", "error", …}; those of Lambda itself have fields of their own.
  queries = {
    "one import"                  = <<-EOT
      fields @timestamp, service, level, message, facts.cause, error.message
      | filter @message like "IMPORT"
      | sort @timestamp asc
      | limit 1000
    EOT
    "what failed"                 = <<-EOT
      fields @timestamp, service, message, facts.importId, facts.cause, error.message
      | filter level in ["WARN", "ERROR"]
      | sort @timestamp desc
      | limit 200
    EOT
    "crashes and time-outs"       = <<-EOT
      fields @timestamp, @log, @message
      | filter @message like /Status: (error|timeout)/ or @message like /Task timed out|Runtime\.[A-Za-z]+|signal: killed/
      | sort @timestamp desc
      | limit 200
    EOT
    "time and memory by function" = <<-EOT
      filter @type = "REPORT"
      | stats count(*) as invocations, pct(@duration, 50) as medianMs, pct(@duration, 99) as p99Ms,
          max(@maxMemoryUsed / 1000000) as memoryMB, max(@initDuration) as coldStartMs by @log
    EOT
    "why sending pauses"          = <<-EOT
      filter service = "${local.prefix}-send-email" and level in ["WARN", "ERROR"]
      | stats count(*) as times, max(@timestamp) as last by message, facts.cause, error.message
      | sort times desc
    EOT
  }
}
