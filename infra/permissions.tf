# Every permission by its name, once; functions.tf says who has which. docs/security.md lists role, action, resource and why, and a test
# holds the two together.
locals {
  permissions = merge(local.queue_permissions, {
    ReadUploads = {
      Action   = ["s3:GetObject", "s3:GetObjectVersion"]
      Resource = "arn:${local.partition}:s3:::${local.uploads_bucket}/*"
    }
    # Without it S3 answers 403 for an object that is gone.
    FindUploads = {
      Action   = ["s3:ListBucket"]
      Resource = "arn:${local.partition}:s3:::${local.uploads_bucket}"
    }
    TagUploads = {
      Action   = ["s3:GetObjectTagging", "s3:GetObjectVersionTagging", "s3:PutObjectTagging", "s3:PutObjectVersionTagging"]
      Resource = "arn:${local.partition}:s3:::${local.uploads_bucket}/*"
    }
    # An upload in parts arrives under a name of its own, and is copied from there to its lasting one.
    ReadArrivedUploads = {
      Action   = ["s3:GetObject"]
      Resource = "arn:${local.partition}:s3:::${local.uploads_bucket}/.rollcall/arriving/*"
    }
    # Under .rollcall/ the command puts what it takes in; under uploads/ lies what comes by a signed form.
    PutUploads = {
      Action   = ["s3:PutObject", "s3:AbortMultipartUpload"]
      Resource = [for folder in [".rollcall", "uploads"] : "arn:${local.partition}:s3:::${local.uploads_bucket}/${folder}/*"]
    }
    ClearArrivedUploads = {
      Action   = ["s3:DeleteObject"]
      Resource = "arn:${local.partition}:s3:::${local.uploads_bucket}/.rollcall/arriving/*"
    }
    StoreUsers = {
      Action   = ["dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate", "dynamodb:BatchGetItem"]
      Resource = local.table_arns["users"]
    }
    LookUpUsers = {
      Action   = ["dynamodb:BatchGetItem", "dynamodb:Scan"]
      Resource = local.table_arns["users"]
    }
    ListUsers = {
      Action   = ["dynamodb:Scan"]
      Resource = local.table_arns["users"]
    }
    # A stream's name ends in the time of its making.
    FollowUsers = {
      Action   = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]
      Resource = "${local.table_arns["users"]}/stream/*"
    }
    # Lambda asks for it before it reads a stream.
    ListStreamsOfUsers = {
      Action   = ["dynamodb:ListStreams"]
      Resource = "${local.table_arns["users"]}/stream/*"
    }
    # A worker learns from the table which stream is its newest.
    DescribeUsers = {
      Action   = ["dynamodb:DescribeTable"]
      Resource = local.table_arns["users"]
    }
    KeepImports = {
      Action   = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"]
      Resource = local.table_arns["imports"]
    }
    # Begins an import, ends its reading, or completes it: each writes its head.
    BeginImports = {
      Action   = ["dynamodb:GetItem", "dynamodb:PutItem"]
      Resource = local.table_arns["imports"]
    }
    LookUpImports = {
      Action   = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"]
      Resource = local.table_arns["imports"]
    }
    # The line of those who send lies in the table of imports, and nothing else there is theirs. Of no keys at all "for all values" is true, too: so
    # there must be some.
    KeepSchedule = {
      Action   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
      Resource = local.table_arns["imports"]
      Condition = {
        "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["schedule", "schedule#*"] }
        Null                      = { "dynamodb:LeadingKeys" = "false" }
      }
    }
    KeepWelcomes = {
      Action   = ["dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate", "dynamodb:BatchGetItem"]
      Resource = local.table_arns["welcomes"]
    }
    CountWelcomes = {
      Action   = ["dynamodb:BatchGetItem", "dynamodb:Scan"]
      Resource = local.table_arns["welcomes"]
    }
    # SES also asks for the recipient's identity where the recipient is verified in this account, as everyone is in the sandbox: so the
    # From address is what limits this, not the name of an identity.
    SendMail = {
      Action = ["ses:SendRawEmail"]
      Resource = [
        "arn:${local.partition}:ses:${local.region}:${local.account}:identity/*",
        "arn:${local.partition}:ses:${local.region}:${local.account}:configuration-set/${local.prefix}",
      ]
      Condition = { StringEquals = { "ses:FromAddress" = local.from_email } }
    }
    # The quota belongs to the account: AWS has no other resource than *.
    ReadSendingQuota = {
      Action   = ["ses:GetSendQuota"]
      Resource = "*"
    }
  })

  queue_permissions = merge([
    for queue, arn in local.queue_arns : {
      "Read${local.in_words[queue]}"    = { Action = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"], Resource = arn }
      "SendTo${local.in_words[queue]}"  = { Action = ["sqs:SendMessage"], Resource = arn }
      "Measure${local.in_words[queue]}" = { Action = ["sqs:GetQueueAttributes"], Resource = arn }
    }
  ]...)
  in_words = merge({ for queue in local.queues : queue => "${title(queue)}Queue" }, { for queue in local.queues : "${queue}-dead-letters" => "${title(queue)}DeadLetters" })

  # The key opens nothing by itself: it is used through the services that a role reads from and sends to. A sender also decrypts its data key.
  services_read = { for who, names in local.holders : who => distinct(flatten([
    [for name in names : "dynamodb" if can(regex("(Users|Imports|Welcomes|Schedule)$", name))],
    [for name in names : "s3" if can(regex("Uploads$", name))],
    [for name in names : "sqs" if can(regex("^(Read|SendTo).+(Queue|DeadLetters)$", name))],
  ])) }
  services_written = { for who, names in local.holders : who => distinct(flatten([
    [for name in names : "s3" if name == "PutUploads"],
    [for name in names : "sqs" if startswith(name, "SendTo")],
  ])) }

  # Who has which permissions: the functions, the people who use the command, and workers in containers.
  holders = merge({ for stage, function in local.functions : stage => function.permissions }, { operator = local.operator, worker = local.worker })

  statements = { for who, names in local.holders : who => concat(
    [for name in names : merge({ Sid = name, Effect = "Allow" }, local.permissions[name])],
    [{
      Sid       = "DecryptWhatItReads"
      Effect    = "Allow"
      Action    = ["kms:Decrypt"]
      Resource  = aws_kms_key.main.arn
      Condition = { StringEquals = { "kms:ViaService" = [for service in local.services_read[who] : "${service}.${local.region}.${local.dns_suffix}"] } }
    }],
    [for services in [local.services_written[who]] : {
      Sid       = "EncryptWhatItSends"
      Effect    = "Allow"
      Action    = ["kms:GenerateDataKey"]
      Resource  = aws_kms_key.main.arn
      Condition = { StringEquals = { "kms:ViaService" = [for service in services : "${service}.${local.region}.${local.dns_suffix}"] } }
    } if length(services) > 0],
  ) }
}
