"""A month of conversations in seconds: synthetic people, the real router, caches and ledger, no provider.

    visavis simulate --days 30 --profile support

`traffic` says what people ask and when, `provider` answers as a model would, `month` runs the turns with some levers
on and others off, `table` tells what each lever is worth. All of it follows from the seed: the same command gives
the same table anywhere.
"""
