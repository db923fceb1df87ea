"""Small source files, written by the tests themselves; every person in them is made up (area code 990000)."""
