//! What roles let people do, and who may change them.

mod at_once;
mod escalation;
mod explain;
mod in_load;
mod last_owner;
mod live;
mod objects;
mod owners;
mod self_escalation;
