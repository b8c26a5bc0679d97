# For a container that runs `rollcall work --world aws`: attach it to the role of its task. It does what the functions do, and reads the stream by
# itself; it neither takes uploads in nor sends dead letters back. Its log is the container's, and belongs to whoever runs it.
resource "aws_iam_policy" "worker" {
  name   = "${local.prefix}-worker"
  policy = jsonencode({ Version = "2012-10-17", Statement = local.statements["worker"] })
}

locals {
  worker = concat(
    ["ReadUploads", "FindUploads", "TagUploads", "KeepImports", "StoreUsers"],
    ["DescribeUsers", "FollowUsers", "ListUsers", "CountWelcomes", "KeepWelcomes", "SendMail", "ReadSendingQuota"],
    flatten([for queue in local.queues : [
      "Read${local.in_words[queue]}",
      "SendTo${local.in_words[queue]}",
      "SendTo${local.in_words["${queue}-dead-letters"]}",
    ]]),
  )
}
