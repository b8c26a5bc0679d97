module "uploads" {
  source      = "./modules/bucket"
  name        = local.uploads_bucket
  partition   = local.partition
  kms_key_arn = aws_kms_key.main.arn
  protect     = var.protect_data

  # process-csv tags an upload whose import is completed. The others stay longer than a dead letter does, for a redrive reads them again.
  expire_tagged = { key = "rollcall", value = "done", days = 1 }
  expire_days   = 30

  # Where an upload lies until its digest, its name, is known.
  passing_prefix = ".rollcall/arriving/"
}

resource "aws_s3_bucket_notification" "uploads" {
  bucket = module.uploads.name
  queue {
    id        = "uploads"
    queue_arn = module.queue["uploads"].arn
    events    = ["s3:ObjectCreated:*"]
  }
}

resource "aws_s3_bucket_cors_configuration" "uploads" {
  count  = local.has_api || var.console_origin != null ? 1 : 0
  bucket = module.uploads.name
  cors_rule {
    allowed_origins = compact(concat(aws_apigatewayv2_api.http[*].api_endpoint, [var.console_origin]))
    allowed_methods = ["POST"]
    allowed_headers = ["content-type"]
    expose_headers  = ["etag", "location", "x-amz-version-id"]
    max_age_seconds = 3600
  }
}

# What a function that nobody waits for could not do, with its event.
module "failures" {
  source      = "./modules/bucket"
  name        = local.failures_bucket
  partition   = local.partition
  kms_key_arn = aws_kms_key.main.arn
  protect     = var.protect_data
  expire_days = 30
}

module "table" {
  source = "./modules/table"
  for_each = {
    users = { partition_key = "key", sort_key = null, stream = true, expiry = null }
    # Answers that were kept for requests with an Idempotency-Key go by themselves.
    imports  = { partition_key = "pk", sort_key = "sk", stream = false, expiry = "expires" }
    welcomes = { partition_key = "userId", sort_key = null, stream = false, expiry = null }
  }

  name          = "${local.prefix}-${each.key}"
  partition_key = each.value.partition_key
  sort_key      = each.value.sort_key
  stream        = each.value.stream
  expiry        = each.value.expiry
  protect       = var.protect_data
  kms_key_arn   = aws_kms_key.main.arn
}
