variable "name" {
  description = "The queue's name; its dead-letter queue is called NAME-dead-letters."
  type        = string
}

variable "arn" {
  description = "The queue's ARN, as its name makes it."
  type        = string
}

variable "dead_letters_arn" {
  description = "The ARN of its dead-letter queue."
  type        = string
}

variable "visibility_seconds" {
  description = "How long a received message stays invisible: at least six times the time-out of the function that reads it."
  type        = number
}

variable "retention_seconds" {
  description = "How long a message is kept."
  type        = number
}

variable "max_receives" {
  description = "After how many receives a message becomes a dead letter."
  type        = number
}

variable "kms_key_arn" {
  description = "The key that encrypts both queues."
  type        = string
}

variable "statements" {
  description = "Further statements of the queue's policy."
  type        = any
  default     = []
}

variable "age_alarm_seconds" {
  description = "How old the oldest message may grow before an alarm."
  type        = number
}

variable "alarm_topic_arn" {
  description = "Where alarms are told."
  type        = string
}
