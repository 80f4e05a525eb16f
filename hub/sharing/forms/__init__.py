"""Forms of service items (从填表到审表): filled from licences and registers, confirmed or disputed by the applicant."""
