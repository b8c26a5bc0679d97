data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

# Names of what the permissions speak of, put together here instead of taken from the resources: so a plan shows every policy in
# full before anything exists, and the key, the bucket and the queue can name one another without a circle.
locals {
  prefix     = "rollcall-${var.environment}"
  account    = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.region
  dns_suffix = data.aws_partition.current.dns_suffix

  tags = merge(var.tags, { project = "rollcall", environment = var.environment, managed-by = "terraform" })

  # Bucket names are shared by all the world.
  uploads_bucket  = "${local.prefix}-uploads-${local.account}-${local.region}"
  failures_bucket = "${local.prefix}-failures-${local.account}-${local.region}"

  queues     = ["uploads", "records", "welcomes"]
  queue_arns = { for name in flatten([for queue in local.queues : [queue, "${queue}-dead-letters"]]) : name => "arn:${local.partition}:sqs:${local.region}:${local.account}:${local.prefix}-${name}" }
  queue_urls = { for name, arn in local.queue_arns : name => "https://sqs.${local.region}.${local.dns_suffix}/${local.account}/${local.prefix}-${name}" }

  tables     = ["users", "imports", "welcomes"]
  table_arns = { for table in local.tables : table => "arn:${local.partition}:dynamodb:${local.region}:${local.account}:table/${local.prefix}-${table}" }

  function_arns = { for stage in keys(local.functions) : stage => "arn:${local.partition}:lambda:${local.region}:${local.account}:function:${local.prefix}-${stage}" }
  alarm_topic   = "arn:${local.partition}:sns:${local.region}:${local.account}:${local.prefix}-alarms"

  # The address without the name before it.
  from_email  = regex("[^<>\\s]+@[^<>\\s]+", var.from_address)
  from_domain = split("@", local.from_email)[1]
}
