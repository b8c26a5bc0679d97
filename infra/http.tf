# The HTTP API and its console: API Gateway asks the issuer's keys about every token, and hands the request to the function http. Without an issuer
# there is nothing of it.
locals {
  has_api = var.api_issuer != null

  # What everyone may ask: it holds nobody's data. The console's page and files, and what tells of the API.
  open_routes = ["GET /", "GET /assets/{file}", "GET /docs", "GET /docs.css", "GET /health", "GET /openapi.json", "GET /problems/{code}"]

  http_function = { for stage, function in {
    # Answers requests: takes uploads, users, redrives and cancellations, and tells what became of them.
    http = {
      timeout         = 29 # The gateway waits 30 seconds.
      memory          = 1769
      may_call_itself = false
      environment = ["uploads-bucket", "uploads-queue", "records-queue", "welcomes-queue", "uploads-dead-letters", "records-dead-letters",
      "welcomes-dead-letters", "users-table", "imports-table", "welcomes-table"]
      permissions = concat(
        ["PutUploads", "ReadUploads", "FindUploads", "TagUploads", "BeginImports", "LookUpImports", "LookUpUsers", "CountWelcomes"],
        flatten([for queue in local.queues : ["SendTo${local.in_words[queue]}", "Read${local.in_words["${queue}-dead-letters"]}"]]),
      )
    }
  } : stage => function if local.has_api }

  api_log_group = "/aws/vendedlogs/${local.prefix}-http-requests"
}

resource "aws_apigatewayv2_api" "http" {
  count         = local.has_api ? 1 : 0
  name          = "${local.prefix}-http"
  protocol_type = "HTTP"

  # No cors_configuration: pages of other origins may read nothing.
}

resource "aws_apigatewayv2_integration" "http" {
  count                  = local.has_api ? 1 : 0
  api_id                 = aws_apigatewayv2_api.http[0].id
  integration_type       = "AWS_PROXY"
  integration_uri        = local.function_arns["http"]
  payload_format_version = "2.0"
  timeout_milliseconds   = 30000

  depends_on = [aws_lambda_permission.http]
}

resource "aws_apigatewayv2_authorizer" "token" {
  count            = local.has_api ? 1 : 0
  api_id           = aws_apigatewayv2_api.http[0].id
  name             = "${local.prefix}-token"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    issuer   = var.api_issuer
    audience = var.api_audience
  }
}

resource "aws_apigatewayv2_route" "open" {
  for_each           = toset(local.has_api ? local.open_routes : [])
  api_id             = aws_apigatewayv2_api.http[0].id
  route_key          = each.key
  authorization_type = "NONE"
  target             = "integrations/${aws_apigatewayv2_integration.http[0].id}"
}

# Whatever else there is, and whatever there will be, wants a token.
resource "aws_apigatewayv2_route" "guarded" {
  count              = local.has_api ? 1 : 0
  api_id             = aws_apigatewayv2_api.http[0].id
  route_key          = "$default"
  authorization_type = "JWT"
  authorizer_id      = aws_apigatewayv2_authorizer.token[0].id
  target             = "integrations/${aws_apigatewayv2_integration.http[0].id}"
}

resource "aws_apigatewayv2_stage" "http" {
  count       = local.has_api ? 1 : 0
  api_id      = aws_apigatewayv2_api.http[0].id
  name        = "$default"
  auto_deploy = true

  # Of all senders together; the function limits each of them.
  default_route_settings {
    throttling_rate_limit  = var.api_requests_per_second
    throttling_burst_limit = 2 * var.api_requests_per_second
  }

  # The route and not the path, which may hold a person's address; no query, no address of a sender, no token.
  access_log_settings {
    destination_arn = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${local.api_log_group}"
    format = jsonencode({
      requestId      = "$context.requestId"
      time           = "$context.requestTime"
      method         = "$context.httpMethod"
      route          = "$context.routeKey"
      status         = "$context.status"
      bytes          = "$context.responseLength"
      ms             = "$context.responseLatency"
      functionMs     = "$context.integrationLatency"
      functionStatus = "$context.integrationStatus"
      error          = "$context.error.responseType"
      authorizer     = "$context.authorizer.error"
    })
  }

  depends_on = [aws_cloudwatch_log_group.api]
}

resource "aws_cloudwatch_log_group" "api" {
  count             = local.has_api ? 1 : 0
  name              = local.api_log_group
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.main.arn
}

# Only this API may call the function.
resource "aws_lambda_permission" "http" {
  count          = local.has_api ? 1 : 0
  statement_id   = "api"
  action         = "lambda:InvokeFunction"
  function_name  = module.function["http"].name
  principal      = "apigateway.amazonaws.com"
  source_arn     = "${aws_apigatewayv2_api.http[0].execution_arn}/*"
  source_account = local.account
}

resource "aws_cloudwatch_metric_alarm" "api_errors" {
  count               = local.has_api ? 1 : 0
  alarm_name          = "${local.prefix}-api-errors"
  alarm_description   = "The HTTP API answered five requests or more within five minutes with a fault of its own. Runbook: api errors."
  namespace           = "AWS/ApiGateway"
  metric_name         = "5xx"
  dimensions          = { ApiId = aws_apigatewayv2_api.http[0].id }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 5
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [local.alarm_topic]
  ok_actions          = [local.alarm_topic]
}
