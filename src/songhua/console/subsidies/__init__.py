"""The desk on which support is applied for, reviewed, decided and paid."""
