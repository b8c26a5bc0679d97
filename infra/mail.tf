resource "aws_sesv2_configuration_set" "main" {
  configuration_set_name = local.prefix

  # The alarms look at the account's own rates, which SES gives for nothing; those of a configuration set would be two billed series more.
  reputation_options {
    reputation_metrics_enabled = false
  }

  # SES keeps addresses that bounced or complained, and sends to them no more.
  suppression_options {
    suppressed_reasons = ["BOUNCE", "COMPLAINT"]
  }

  # A mail server without TLS still gets its mail: a welcome holds no secret.
  delivery_options {
    tls_policy = "OPTIONAL"
  }
}

# Counts what became of the mails, in one series each: the tag of a user or an import would make a billed series of every value.
resource "aws_sesv2_configuration_set_event_destination" "counts" {
  configuration_set_name = aws_sesv2_configuration_set.main.configuration_set_name
  event_destination_name = "counts"

  event_destination {
    enabled              = true
    matching_event_types = ["SEND", "REJECT", "DELIVERY", "DELIVERY_DELAY", "BOUNCE", "COMPLAINT"]

    cloud_watch_destination {
      dimension_configuration {
        dimension_name          = "ses:configuration-set"
        dimension_value_source  = "MESSAGE_TAG"
        default_dimension_value = local.prefix
      }
    }
  }
}

resource "aws_sesv2_email_identity" "sender" {
  count                  = var.mail_identity == "existing" ? 0 : 1
  email_identity         = var.mail_identity == "domain" ? local.from_domain : local.from_email
  configuration_set_name = aws_sesv2_configuration_set.main.configuration_set_name

  # Easy DKIM: SES makes the keys and renews them. Only a domain has a place for them.
  dynamic "dkim_signing_attributes" {
    for_each = var.mail_identity == "domain" ? ["RSA_2048_BIT"] : []
    content {
      next_signing_key_length = dkim_signing_attributes.value
    }
  }
}
