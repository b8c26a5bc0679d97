# A Lambda function with a role and a log group of its own.
resource "aws_lambda_function" "main" {
  function_name    = var.name
  role             = aws_iam_role.main.arn
  runtime          = "nodejs24.x"
  architectures    = ["arm64"]
  handler          = "${var.stage}.handler"
  filename         = local.code
  source_code_hash = try(filebase64sha256(local.code), null)
  timeout          = var.timeout_seconds
  memory_size      = var.memory_mb

  # Concurrency is held by the event source mappings: what a reserved concurrency throttles, SQS has received already and counts.

  # The program reads its own variables; the last one is for the C library, which by itself keeps a heap a thread: a tenth of what send-email held.
  environment {
    variables = merge(var.environment, { MALLOC_ARENA_MAX = "1" })
  }

  # The functions write JSON by themselves, at the level of ROLLCALL_LOG: Lambda's own format brings a second level, which would go first.
  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.main.name
  }

  tracing_config {
    mode = "Active"
  }

  lifecycle {
    precondition {
      condition     = fileexists(local.code)
      error_message = "${local.code} is missing: `npm run bundle` makes it."
    }
  }

  # The first invocation finds its permissions.
  depends_on = [aws_iam_role_policy.main]
}

# A function that sends to the queue that it reads would be stopped after about sixteen turns.
resource "aws_lambda_function_recursion_config" "main" {
  function_name  = aws_lambda_function.main.function_name
  recursive_loop = var.may_call_itself ? "Allow" : "Terminate"
}

# For whoever invokes it without waiting for the answer.
resource "aws_lambda_function_event_invoke_config" "main" {
  function_name                = aws_lambda_function.main.function_name
  maximum_retry_attempts       = 2
  maximum_event_age_in_seconds = 3600

  destination_config {
    on_failure {
      destination = var.failures_bucket_arn
    }
  }
}

resource "aws_cloudwatch_log_group" "main" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_iam_role" "main" {
  name                 = var.name
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "main" {
  name   = var.stage
  role   = aws_iam_role.main.name
  policy = jsonencode({ Version = "2012-10-17", Statement = concat(local.statements, var.statements) })
}

locals {
  code = "${var.code_path}/${var.stage}.zip"

  # What every function may do.
  statements = [
    {
      Sid      = "WriteItsLog"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "arn:${var.partition}:logs:${var.region}:${var.account}:log-group:/aws/lambda/${var.name}:*"
    },
    {
      # Traces belong to no resource: AWS has no other than *.
      Sid      = "WriteTraces"
      Effect   = "Allow"
      Action   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
      Resource = "*"
    },
    {
      # Lambda writes there what failed for good, under these names of its own.
      Sid      = "KeepItsFailures"
      Effect   = "Allow"
      Action   = ["s3:PutObject"]
      Resource = [for prefix in concat(["aws/lambda/async/${var.name}"], var.failure_prefixes) : "${var.failures_bucket_arn}/${prefix}/*"]
    },
    {
      # Lambda asks before it writes whether the bucket is there.
      Sid      = "FindTheFailuresBucket"
      Effect   = "Allow"
      Action   = ["s3:ListBucket"]
      Resource = var.failures_bucket_arn
    },
    {
      Sid       = "EncryptItsFailures"
      Effect    = "Allow"
      Action    = ["kms:GenerateDataKey"]
      Resource  = var.kms_key_arn
      Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.${var.dns_suffix}" } }
    },
  ]
}
