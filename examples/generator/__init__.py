# SPDX-License-Identifier: Apache-2.0
"""What examples/generate is made of."""
