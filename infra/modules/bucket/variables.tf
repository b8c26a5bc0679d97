variable "name" {
  description = "The bucket's name, unlike any other in the world."
  type        = string
}

variable "partition" {
  description = "The AWS partition, such as aws."
  type        = string
}

variable "kms_key_arn" {
  description = "The key that encrypts every object."
  type        = string
}

variable "expire_days" {
  description = "After how many days objects and old versions go."
  type        = number
}

variable "expire_tagged" {
  description = "After how many days objects with this tag go, their old versions as well."
  type        = object({ key = string, value = string, days = number })
  default     = null
}

variable "passing_prefix" {
  description = "Objects whose keys begin so go after a day, their old versions as well."
  type        = string
  default     = null
}

variable "protect" {
  description = "Whether the bucket, while it holds objects, is protected from deletion."
  type        = bool
}
