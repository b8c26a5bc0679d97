variable "name" {
  description = "The function's name; its role has the same one."
  type        = string
}

variable "stage" {
  description = "The stage: its code is STAGE.zip, its handler STAGE.handler."
  type        = string
}

variable "code_path" {
  description = "The folder that holds STAGE.zip."
  type        = string
}

variable "timeout_seconds" {
  description = "After how long an invocation is stopped."
  type        = number

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 900
    error_message = "A function runs for 1 to 900 seconds."
  }
}

variable "memory_mb" {
  description = "Its memory, which also decides its share of a processor: 1769 MB are one."
  type        = number
}

variable "environment" {
  description = "Its environment variables."
  type        = map(string)
}

variable "statements" {
  description = "The statements of its role's policy, beside those that every function has."
  type        = any
}

variable "may_call_itself" {
  description = "Whether it may send to the queue that it reads."
  type        = bool
  default     = false
}

variable "failures_bucket_arn" {
  description = "The bucket for events that failed for good."
  type        = string
}

variable "failure_prefixes" {
  description = "Where in that bucket, beside its own prefix, its failures go: those of a stream lie under the id of the mapping."
  type        = list(string)
  default     = []
}

variable "alarm_topic_arn" {
  description = "Where alarms are told."
  type        = string
}

variable "log_retention_days" {
  description = "How long its log is kept."
  type        = number
}

variable "kms_key_arn" {
  description = "The key that encrypts its log."
  type        = string
}

variable "permissions_boundary_arn" {
  description = "The permissions boundary of its role."
  type        = string
  default     = null
}

variable "partition" {
  description = "The AWS partition."
  type        = string
}

variable "region" {
  description = "The AWS region."
  type        = string
}

variable "account" {
  description = "The AWS account."
  type        = string
}

variable "dns_suffix" {
  description = "What the names of the services end in."
  type        = string
}
