# Any example of environments/, given by -var-file, together with the one thing that it leaves open.
mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  from_address = "welcome@example.com"
}

run "an_example" {
  command = plan
}
