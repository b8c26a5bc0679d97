# What AWS would answer. Everything else that it makes up is unknown to a plan, or chance.
mock_data "aws_caller_identity" {
  defaults = { account_id = "123456789012" }
}

mock_data "aws_partition" {
  defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
}

mock_data "aws_region" {
  defaults = { region = "eu-central-1" }
}

mock_resource "aws_kms_key" {
  defaults = {
    arn    = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    key_id = "11111111-2222-3333-4444-555555555555"
  }
}

mock_resource "aws_dynamodb_table" {
  defaults = { stream_arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/mocked/stream/2026-01-01T00:00:00.000" }
}

mock_resource "aws_iam_role" {
  defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
}

mock_resource "aws_lambda_function" {
  defaults = { arn = "arn:aws:lambda:eu-central-1:123456789012:function:mocked" }
}

mock_resource "aws_sns_topic" {
  defaults = { arn = "arn:aws:sns:eu-central-1:123456789012:mocked" }
}

mock_resource "aws_iam_policy" {
  defaults = { arn = "arn:aws:iam::123456789012:policy/mocked" }
}

mock_resource "aws_sesv2_email_identity" {
  defaults = { dkim_signing_attributes = { tokens = ["one", "two", "three"] } }
}

mock_resource "aws_apigatewayv2_api" {
  defaults = {
    id            = "abcdefghij"
    api_endpoint  = "https://abcdefghij.execute-api.eu-central-1.amazonaws.com"
    execution_arn = "arn:aws:execute-api:eu-central-1:123456789012:abcdefghij"
  }
}

mock_resource "aws_apigatewayv2_integration" {
  defaults = { id = "integration1" }
}

mock_resource "aws_apigatewayv2_authorizer" {
  defaults = { id = "authorizer1" }
}
