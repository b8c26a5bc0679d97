# A stage to try things on: it can be destroyed with all that it holds.
# The From address comes from `npm run deploy -- dev --from welcome@example.com`, or stands here as from_address = "…".
environment        = "dev"
protect_data       = false
log_level          = "debug"
log_retention_days = 7
monthly_budget_usd = 10
