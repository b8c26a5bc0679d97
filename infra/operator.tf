# For the people who use the command on this stage: attach it to their role. It uploads, follows, looks up, and sends dead letters back;
# it neither changes a user nor sends a mail.
resource "aws_iam_policy" "operator" {
  name   = "${local.prefix}-operator"
  policy = jsonencode({ Version = "2012-10-17", Statement = local.statements["operator"] })
}

locals {
  operator = concat(
    ["PutUploads", "ReadArrivedUploads", "ClearArrivedUploads", "BeginImports", "LookUpImports", "LookUpUsers", "CountWelcomes"],
    flatten([for queue in local.queues : [
      "Measure${local.in_words[queue]}",
      "SendTo${local.in_words[queue]}",
      "Read${local.in_words["${queue}-dead-letters"]}",
    ]]),
  )
}
