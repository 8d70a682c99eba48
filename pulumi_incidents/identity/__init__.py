"""Where and as whom AWS is called: the settings of pulumi-aws's provider, and what comes of them.

Of a stack's `aws:` configuration, or of one `aws.Provider`: both have the same keys.
"""
