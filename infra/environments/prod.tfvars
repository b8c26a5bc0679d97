# The stage that people rely on. Set the From address, the account, and who hears of alarms, before the first deployment.
environment        = "prod"
mail_identity      = "domain"
protect_data       = true
log_level          = "info"
log_retention_days = 90
monthly_budget_usd = 200
