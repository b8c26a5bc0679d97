variable "from_address" {
  description = "Whom the welcomes come from: `welcome@example.com` or `Example <welcome@example.com>`."
  type        = string

  validation {
    condition     = can(regex("^([^<>@]+ <[^<>@\\s,;]+@[^<>@\\s,;]+\\.[^<>@\\s,;]+>|[^<>@\\s,;]+@[^<>@\\s,;]+\\.[^<>@\\s,;]+)$", var.from_address))
    error_message = "from_address must be one address, such as welcome@example.com or Example <welcome@example.com>."
  }
}

variable "environment" {
  description = "Names this stage; every resource is called rollcall-ENVIRONMENT-…, so several live in one account."
  type        = string
  default     = "dev"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{0,11}$", var.environment))
    error_message = "environment must be 1 to 12 lower-case letters and digits, and begin with a letter: it becomes part of names."
  }

  validation {
    condition     = contains(["default", var.environment], terraform.workspace)
    error_message = "The workspace and environment differ: `terraform workspace select` the one that keeps this environment's state."
  }
}

variable "region" {
  description = "The AWS region; without it, the one that the AWS settings of your shell name."
  type        = string
  default     = null

  validation {
    condition     = var.region == null || can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]+$", var.region))
    error_message = "region must be the name of an AWS region, such as eu-central-1."
  }
}

variable "account_id" {
  description = "The only AWS account that this may be deployed to; without it, whichever your credentials belong to."
  type        = string
  default     = null

  validation {
    condition     = var.account_id == null || can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be the 12 digits of an AWS account."
  }
}

variable "mail_identity" {
  description = "How SES comes to know the sender: `existing` (its address or domain is verified in this region already), `address` (SES mails a link to the address), `domain` (its domain, with DKIM: put the output dkim_records into its DNS)."
  type        = string
  default     = "existing"

  validation {
    condition     = contains(["existing", "address", "domain"], var.mail_identity)
    error_message = "mail_identity must be existing, address or domain."
  }
}

variable "send_concurrency" {
  description = "How many send-email functions run at once. They send in turns, at the account's whole rate, and many mails at a time, so the least (2) is enough for some hundred a second."
  type        = number
  default     = 2

  validation {
    condition     = var.send_concurrency >= 2 && var.send_concurrency <= 1000 && floor(var.send_concurrency) == var.send_concurrency
    error_message = "send_concurrency must be a whole number from 2 to 1000: what an SQS mapping's maximum concurrency allows."
  }
}

variable "leg_seconds" {
  description = "How long process-csv reads before it continues itself in a new invocation, in seconds."
  type        = number
  default     = 120

  validation {
    condition     = var.leg_seconds >= 1 && var.leg_seconds <= 120
    error_message = "leg_seconds must be from 1 to 120."
  }
}

variable "sweep_schedule" {
  description = "How often the sweep looks for welcomes that got lost, as a rate of EventBridge. While a welcome is due, each look reads all of the welcomes table."
  type        = string
  default     = "rate(1 hour)"

  validation {
    condition     = can(regex("^rate\\(([2-9]|[1-9][0-9]+) (minutes|hours|days)\\)$|^rate\\(1 (minute|hour|day)\\)$", var.sweep_schedule))
    error_message = "sweep_schedule must be a rate, such as rate(1 hour) or rate(30 minutes)."
  }
}

variable "log_level" {
  description = "What the functions log: debug, info, warn or error. An alarm listens to errors, so none can be silent."
  type        = string
  default     = "info"

  validation {
    condition     = contains(["debug", "info", "warn", "error"], var.log_level)
    error_message = "log_level must be debug, info, warn or error."
  }
}

variable "log_retention_days" {
  description = "How long log lines are kept, in days."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827], var.log_retention_days)
    error_message = "log_retention_days must be a number that CloudWatch Logs knows, such as 7, 14, 30, 90 or 365."
  }
}

variable "protect_data" {
  description = "Keeps tables and filled buckets from being destroyed. Set it to false, apply, and only then destroy."
  type        = bool
  default     = true
}

variable "alarm_email" {
  description = "Who hears of alarms and of the budget; without it they only show in the console. AWS mails a link to be confirmed first."
  type        = string
  default     = null

  validation {
    condition     = var.alarm_email == null || can(regex("^[^<>@\\s,;]+@[^<>@\\s,;]+\\.[^<>@\\s,;]+$", var.alarm_email))
    error_message = "alarm_email must be a bare address, such as operations@example.com."
  }
}

variable "monthly_budget_usd" {
  description = "A month's spend of the whole account on the services in use, in US dollars; to import and welcome a million costs about 102. At 80% of it and when it is forecast to be passed, an alarm is raised. 0: no budget."
  type        = number
  default     = 50

  validation {
    condition     = var.monthly_budget_usd >= 0
    error_message = "monthly_budget_usd must not be negative."
  }
}

variable "welcomes_age_alarm_hours" {
  description = "How old the oldest welcome may grow before an alarm, in hours: longer than the largest import takes at the account's rate (a million at 14 a second: 20 hours). A daily quota below its size makes welcomes wait for days, rightly."
  type        = number
  default     = 24

  validation {
    condition     = var.welcomes_age_alarm_hours >= 1 && var.welcomes_age_alarm_hours <= 168
    error_message = "welcomes_age_alarm_hours must be from 1 to 168: a message is kept for ten days, and the alarm must come some days before."
  }
}

variable "api_issuer" {
  description = "The OpenID Connect issuer whose tokens let people use the HTTP API and the console: just what its tokens name as `iss`. Without it there is no API."
  type        = string
  default     = null

  validation {
    condition     = var.api_issuer == null || can(regex("^https://[^\\s?#]+$", var.api_issuer))
    error_message = "api_issuer must be the https address of an issuer, such as https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example."
  }
}

variable "api_audience" {
  description = "Whom the tokens must be meant for (`aud`; with Amazon Cognito the id of the app client). Everyone with such a token may do everything there."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for name in var.api_audience : name != ""])
    error_message = "api_audience must not hold an empty name."
  }

  validation {
    condition     = (var.api_issuer != null) == (length(var.api_audience) > 0)
    error_message = "api_audience and api_issuer go together: without an audience, tokens that are meant for others would do."
  }
}

variable "api_requests_per_second" {
  description = "How many requests a second the HTTP API takes of all senders together, over a longer time; twice as many at once."
  type        = number
  default     = 50

  validation {
    condition     = var.api_requests_per_second >= 1 && var.api_requests_per_second <= 5000 && floor(var.api_requests_per_second) == var.api_requests_per_second
    error_message = "api_requests_per_second must be a whole number from 1 to 5000."
  }
}

variable "console_origin" {
  description = "The origin of a page of your own that uploads straight to the bucket, such as https://users.example.com; the console of the HTTP API may anyway."
  type        = string
  default     = null

  validation {
    condition     = var.console_origin == null || can(regex("^https://[^/*\\s]+$", var.console_origin))
    error_message = "console_origin must be an https origin without a path or a wildcard, such as https://users.example.com."
  }
}

variable "permissions_boundary_arn" {
  description = "The permissions boundary of every role, where your account asks for one."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/[^\\s*]+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of a policy, such as arn:aws:iam::123456789012:policy/boundary."
  }
}

variable "code_path" {
  description = "The folder of the functions' zip files, from this folder; `npm run bundle` fills the default one."
  type        = string
  default     = "../dist/lambda"
}

variable "tags" {
  description = "Further tags for everything."
  type        = map(string)
  default     = {}
}
