//! Addresses: set by administrators, and in unusual forms.

mod administered;
mod forms;
