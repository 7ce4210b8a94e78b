"""The checks of the doctor, one file per subject; `larknb.services.doctor` runs them side by side."""
