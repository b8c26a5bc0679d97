# One key for everything that is kept: uploads, queues, tables, logs and alarms.
resource "aws_kms_key" "main" {
  enable_key_rotation     = true
  deletion_window_in_days = var.protect_data ? 30 : 7
  policy                  = jsonencode({ Version = "2012-10-17", Statement = local.key_statements })
}

resource "aws_kms_alias" "main" {
  name          = "alias/${local.prefix}"
  target_key_id = aws_kms_key.main.key_id
}

# In a key's policy the resource * means this key: AWS has no other way to say it.
locals {
  services_in_use = [for service in ["sqs", "s3", "dynamodb"] : "${service}.${local.region}.${local.dns_suffix}"]

  key_statements = [
    {
      Sid       = "AccountAdministersTheKey"
      Effect    = "Allow"
      Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
      Action = [
        "kms:CancelKeyDeletion", "kms:CreateAlias", "kms:DeleteAlias", "kms:DescribeKey", "kms:DisableKey", "kms:DisableKeyRotation",
        "kms:EnableKey", "kms:EnableKeyRotation", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListGrants", "kms:ListKeyPolicies",
        "kms:ListKeyRotations", "kms:ListResourceTags", "kms:PutKeyPolicy", "kms:RevokeGrant", "kms:RotateKeyOnDemand",
        "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource", "kms:UpdateAlias", "kms:UpdateKeyDescription",
      ]
      Resource = "*"
    },
    {
      # Whoever has the right by a policy of its own, and only for what these services keep.
      Sid       = "AccountUsesTheKeyThroughTheServicesInUse"
      Effect    = "Allow"
      Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
      Action    = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
      Resource  = "*"
      Condition = { StringEquals = { "kms:ViaService" = local.services_in_use, "kms:CallerAccount" = local.account } }
    },
    {
      # DynamoDB keeps a table's key under a grant that whoever makes the table gives it.
      Sid       = "AccountGrantsTheKeyToTables"
      Effect    = "Allow"
      Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
      Action    = ["kms:CreateGrant"]
      Resource  = "*"
      Condition = {
        StringEquals = { "kms:ViaService" = "dynamodb.${local.region}.${local.dns_suffix}", "kms:CallerAccount" = local.account }
        Bool         = { "kms:GrantIsForAWSResource" = "true" }
      }
    },
    {
      Sid       = "UploadsBucketNotifiesTheEncryptedQueue"
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = ["kms:GenerateDataKey", "kms:Decrypt"]
      Resource  = "*"
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
        ArnEquals    = { "aws:SourceArn" = "arn:${local.partition}:s3:::${local.uploads_bucket}" }
      }
    },
    {
      Sid       = "LogGroupsOfTheFunctions"
      Effect    = "Allow"
      Principal = { Service = "logs.${local.region}.${local.dns_suffix}" }
      Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
      Resource  = "*"
      Condition = {
        ArnLike = { "kms:EncryptionContext:aws:logs:arn" = [for group in ["/aws/lambda/${local.prefix}-*", local.api_log_group] : "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${group}"] }
      }
    },
    {
      Sid       = "AlarmsWriteToTheEncryptedTopic"
      Effect    = "Allow"
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Action    = ["kms:GenerateDataKey", "kms:Decrypt"]
      Resource  = "*"
      Condition = local.from_alarms
    },
    {
      Sid       = "BudgetWritesToTheEncryptedTopic"
      Effect    = "Allow"
      Principal = { Service = "budgets.amazonaws.com" }
      Action    = ["kms:GenerateDataKey", "kms:Decrypt"]
      Resource  = "*"
      Condition = local.from_budgets
    },
  ]
}
