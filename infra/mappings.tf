# What feeds the functions. Their concurrency is held here.
locals {
  mappings = {
    # One upload an invocation, and no waiting for a second one.
    process-csv = { queue = "uploads", batch = 1, window = 0, concurrency = 10 }
    # A batch is a little under 64 KiB. Ten of them hold 15,000 users, which a new table takes in time from ten functions at once.
    insert-records = { queue = "records", batch = 10, window = 1, concurrency = 10 }
    # A message has its turn by itself, and waits for it in the queue: together with others it would be let go of only when theirs are over.
    send-email = { queue = "welcomes", batch = 1, window = 0, concurrency = var.send_concurrency }
  }
}

resource "aws_lambda_event_source_mapping" "queue" {
  for_each                           = local.mappings
  event_source_arn                   = module.queue[each.value.queue].arn
  function_name                      = module.function[each.key].name
  batch_size                         = each.value.batch
  maximum_batching_window_in_seconds = each.value.window
  function_response_types            = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = each.value.concurrency
  }
}

resource "aws_lambda_event_source_mapping" "announce" {
  event_source_arn                   = module.table["users"].stream_arn
  function_name                      = module.function["announce"].name
  starting_position                  = "TRIM_HORIZON" # A user inserted before the mapping was there is announced, too.
  batch_size                         = 2000
  maximum_batching_window_in_seconds = 1
  function_response_types            = ["ReportBatchItemFailures"]
  bisect_batch_on_function_error     = true
  maximum_retry_attempts             = 20
  maximum_record_age_in_seconds      = 6 * 3600

  # Only new users, and only those who want a welcome: what is filtered out is not billed.
  filter_criteria {
    filter {
      pattern = jsonencode({ eventName = ["INSERT"], dynamodb = { NewImage = { welcome = { BOOL = [true] } } } })
    }
  }

  # To a bucket, for it gets the records; a queue or a topic would only get their numbers.
  destination_config {
    on_failure {
      destination_arn = module.failures.arn
    }
  }
}
