"""Presentation codes (亮证码): a holder chooses licences, shows a code that is good for a minute, and a counter redeems it once."""
