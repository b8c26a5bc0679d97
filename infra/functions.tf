# The stages, and what runs each of them. A function gets the variables that it reads and the permissions that it uses, and no more.
locals {
  functions = merge(local.http_function, {
    # Reads an upload: its rows become batches on the records queue.
    process-csv = {
      timeout         = 180
      memory          = 1769
      may_call_itself = true # The continuation of a reading that met its deadline.
      environment     = ["uploads-bucket", "uploads-queue", "records-queue", "uploads-dead-letters", "imports-table", "leg"]
      permissions = ["ReadUploadsQueue", "SendToUploadsQueue", "SendToRecordsQueue", "SendToUploadsDeadLetters", "ReadUploads", "FindUploads",
      "TagUploads", "KeepImports"]
    }
    # Makes a user of every record, and keeps what became of each row.
    insert-records = {
      timeout         = 60
      memory          = 384
      may_call_itself = false
      environment     = ["records-dead-letters", "users-table", "imports-table"]
      permissions     = ["ReadRecordsQueue", "SendToRecordsDeadLetters", "StoreUsers", "KeepImports"]
    }
    # Sends inserted users to the welcomes queue.
    announce = {
      timeout         = 60
      memory          = 256
      may_call_itself = false
      environment     = ["welcomes-queue"]
      permissions     = ["FollowUsers", "ListStreamsOfUsers", "SendToWelcomesQueue"]
    }
    # Sends every user one welcome.
    send-email = {
      timeout         = 300
      memory          = 208
      may_call_itself = true # Whoever has to wait (throttled, paused, out of quota) goes into a new message, for days if it must.
      environment     = ["welcomes-queue", "welcomes-dead-letters", "imports-table", "welcomes-table", "from", "ses-configuration-set"]
      permissions = ["ReadWelcomesQueue", "SendToWelcomesQueue", "SendToWelcomesDeadLetters", "KeepSchedule", "KeepWelcomes", "SendMail",
      "ReadSendingQuota"]
    }
    # Announces again whose welcome got lost.
    sweep = {
      timeout         = 900
      memory          = 512
      may_call_itself = false
      environment     = ["welcomes-queue", "users-table", "imports-table", "welcomes-table"]
      permissions     = ["MeasureWelcomesQueue", "SendToWelcomesQueue", "ListUsers", "LookUpImports", "BeginImports", "CountWelcomes"]
    }
    # Makes users of a seed and sends them to the records queue: a trial without a file.
    generate-users = {
      timeout         = 300
      memory          = 512
      may_call_itself = false
      environment     = ["records-queue", "imports-table"]
      permissions     = ["SendToRecordsQueue", "BeginImports"]
    }
  })

  # Every variable that a function may be given. The same map, whole, is an output: the command reads it.
  variables = {
    uploads-bucket        = { ROLLCALL_UPLOADS_BUCKET = local.uploads_bucket }
    uploads-queue         = { ROLLCALL_UPLOADS_QUEUE_URL = local.queue_urls["uploads"] }
    records-queue         = { ROLLCALL_RECORDS_QUEUE_URL = local.queue_urls["records"] }
    welcomes-queue        = { ROLLCALL_WELCOMES_QUEUE_URL = local.queue_urls["welcomes"] }
    uploads-dead-letters  = { ROLLCALL_UPLOADS_DEAD_LETTERS_URL = local.queue_urls["uploads-dead-letters"] }
    records-dead-letters  = { ROLLCALL_RECORDS_DEAD_LETTERS_URL = local.queue_urls["records-dead-letters"] }
    welcomes-dead-letters = { ROLLCALL_WELCOMES_DEAD_LETTERS_URL = local.queue_urls["welcomes-dead-letters"] }
    users-table           = { ROLLCALL_USERS_TABLE = "${local.prefix}-users" }
    imports-table         = { ROLLCALL_IMPORTS_TABLE = "${local.prefix}-imports" }
    welcomes-table        = { ROLLCALL_WELCOMES_TABLE = "${local.prefix}-welcomes" }
    from                  = { ROLLCALL_FROM = var.from_address }
    ses-configuration-set = { ROLLCALL_SES_CONFIGURATION_SET = local.prefix }
    leg                   = { ROLLCALL_LEG_SECONDS = tostring(var.leg_seconds) }
    log                   = { ROLLCALL_LOG = var.log_level }
  }
}

module "function" {
  source   = "./modules/function"
  for_each = local.functions

  name            = "${local.prefix}-${each.key}"
  stage           = each.key
  code_path       = var.code_path
  timeout_seconds = each.value.timeout
  memory_mb       = each.value.memory
  may_call_itself = each.value.may_call_itself
  environment     = merge([for name in concat(each.value.environment, ["log"]) : local.variables[name]]...)
  statements      = local.statements[each.key]

  failures_bucket_arn = module.failures.arn
  # The id of a mapping is known only once it is there.
  failure_prefixes         = each.key == "announce" ? ["aws/lambda/????????-????-????-????-????????????"] : []
  alarm_topic_arn          = local.alarm_topic
  log_retention_days       = var.log_retention_days
  kms_key_arn              = aws_kms_key.main.arn
  permissions_boundary_arn = var.permissions_boundary_arn
  partition                = local.partition
  region                   = local.region
  account                  = local.account
  dns_suffix               = local.dns_suffix
}

resource "aws_cloudwatch_event_rule" "sweep" {
  name                = "${local.prefix}-sweep"
  schedule_expression = var.sweep_schedule
}

resource "aws_cloudwatch_event_target" "sweep" {
  rule = aws_cloudwatch_event_rule.sweep.name
  arn  = local.function_arns["sweep"]

  depends_on = [aws_lambda_permission.sweep]
}

resource "aws_lambda_permission" "sweep" {
  statement_id   = "schedule"
  action         = "lambda:InvokeFunction"
  function_name  = module.function["sweep"].name
  principal      = "events.amazonaws.com"
  source_arn     = "arn:${local.partition}:events:${local.region}:${local.account}:rule/${local.prefix}-sweep"
  source_account = local.account
}
