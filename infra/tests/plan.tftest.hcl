# The plan without an account: the provider is mocked. `npm run infra` runs this, and holds the plans against the recorded ones, which the
# policy tests read.
mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  from_address = "Example <welcome@example.com>"
}

run "only_the_from_address" {
  command = plan

  assert {
    condition     = output.rollcall_environment["ROLLCALL_UPLOADS_QUEUE_URL"] == "https://sqs.eu-central-1.amazonaws.com/123456789012/rollcall-dev-uploads"
    error_message = "The command would not find the uploads queue."
  }
  assert {
    condition     = length(aws_sesv2_email_identity.sender) == 0 && length(output.dkim_records) == 0
    error_message = "An identity that SES knows already must not be made again."
  }
  assert {
    condition     = length(aws_apigatewayv2_api.http) + length(aws_apigatewayv2_route.open) == 0 && !contains(keys(module.function), "http") && output.console == null
    error_message = "Without an issuer there is no API."
  }
}

run "everything" {
  command = plan

  variables {
    environment              = "prod"
    mail_identity            = "domain"
    alarm_email              = "operations@example.com"
    console_origin           = "https://users.example.com"
    account_id               = "123456789012"
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
    log_retention_days       = 90
    tags                     = { owner = "people" }
    api_issuer               = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example"
    api_audience             = ["example-client"]
  }

  assert {
    condition     = aws_sesv2_email_identity.sender[0].email_identity == "example.com" && length(output.dkim_records) == 3
    error_message = "The identity must be the domain of the From address, with its DKIM records."
  }
  assert {
    condition     = output.console == "https://abcdefghij.execute-api.eu-central-1.amazonaws.com" && contains(keys(module.function), "http")
    error_message = "With an issuer there is an API, and its function."
  }
}

run "an_address_as_identity" {
  command = plan

  variables {
    mail_identity      = "address"
    monthly_budget_usd = 0
  }

  assert {
    condition     = aws_sesv2_email_identity.sender[0].email_identity == "welcome@example.com" && length(aws_sesv2_email_identity.sender[0].dkim_signing_attributes) <= 1
    error_message = "The identity must be the address without the name before it."
  }
  assert {
    condition     = length(aws_budgets_budget.month) == 0
    error_message = "A budget of 0 means none."
  }
}

run "variables_that_cannot_be_used" {
  command = plan

  variables {
    from_address             = "welcome"
    environment              = "Dev_1"
    region                   = "Frankfurt"
    permissions_boundary_arn = "boundary"
    account_id               = "12345"
    mail_identity            = "mailbox"
    send_concurrency         = 1
    leg_seconds              = 121
    sweep_schedule           = "hourly"
    log_level                = "silent"
    log_retention_days       = 8
    alarm_email              = "Operations <operations@example.com>"
    monthly_budget_usd       = -1
    welcomes_age_alarm_hours = 200
    console_origin           = "http://*"
    api_issuer               = "http://issuer.example.com"
    api_requests_per_second  = 0
  }

  expect_failures = [
    var.from_address, var.environment, var.region, var.permissions_boundary_arn, var.account_id, var.mail_identity, var.send_concurrency, var.leg_seconds, var.sweep_schedule,
    var.log_level, var.log_retention_days, var.alarm_email, var.monthly_budget_usd, var.welcomes_age_alarm_hours, var.console_origin,
    var.api_issuer, var.api_requests_per_second,
  ]
}

run "an_issuer_without_an_audience" {
  command = plan

  variables {
    api_issuer = "https://issuer.example.com"
  }

  expect_failures = [var.api_audience]
}

run "an_audience_without_a_name" {
  command = plan

  variables {
    api_issuer   = "https://issuer.example.com"
    api_audience = [""]
  }

  expect_failures = [var.api_audience]
}
