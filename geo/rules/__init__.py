"""The rule book: `declaration` says what a rule is, `book` lists them, `run` judges every feature, `findings` gives the results as a layer.

How a rule is judged stands in the module of its family (fire, water, ebikes, gas, compounds, hazards); what it says and how severe it is stands in
the profile (`data/profiles`).
"""
