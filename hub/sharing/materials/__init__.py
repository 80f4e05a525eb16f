"""Which materials of a case need not be handed in (材料免提交): licences, requirements, commitments and deferrals."""
