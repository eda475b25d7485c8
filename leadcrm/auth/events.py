"""What other plugins may listen for. The sender is the id of the user; `company_id` comes along."""

from blinker import signal

signed_in = signal("auth-signed-in")  # with everything that is asked
sign_in_failed = signal("auth-sign-in-failed")  # reason, address
password_changed = signal("auth-password-changed")
second_factor_confirmed = signal("auth-second-factor-confirmed")
coming_in = signal("auth-coming-in")  # address, which may be None; who answers False keeps them out
second_factor_unfinished = signal("auth-second-factor-unfinished")  # address
