"""A model as judge: pairs of answers in both orders, corrected by people's labels."""
