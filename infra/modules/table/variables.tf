variable "name" {
  description = "The table's name."
  type        = string
}

variable "partition_key" {
  description = "The name of the partition key, a string."
  type        = string
}

variable "sort_key" {
  description = "The name of the sort key, a string, where there is one."
  type        = string
  default     = null
}

variable "stream" {
  description = "Whether changes of the table can be followed, as new images."
  type        = bool
  default     = false
}

variable "expiry" {
  description = "The attribute after whose time, in seconds since the epoch, an item goes; items without it stay."
  type        = string
  default     = null
}

variable "protect" {
  description = "Whether the table is protected from deletion."
  type        = bool
}

variable "kms_key_arn" {
  description = "The key that encrypts the table, its stream and its backups."
  type        = string
}
