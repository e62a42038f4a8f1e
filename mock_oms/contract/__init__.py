"""The contract of the vendor's API: openapi.yaml under the switches, its ledger of claims, and what was observed."""
