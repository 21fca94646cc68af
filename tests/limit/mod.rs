//! What keeps accounts from who guesses: limits, and that nobody slips past them.

mod codes;
mod networks;
mod nodes;
mod passwords;
mod policy;
mod strangers;
mod surfaces;
mod swarms;
mod tries;
