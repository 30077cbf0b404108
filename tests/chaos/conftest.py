"""The harness stands on the rig of the integration tests."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
for folder in (os.path.join(os.path.dirname(HERE), "integration"), HERE):
    sys.path.insert(0, folder)
