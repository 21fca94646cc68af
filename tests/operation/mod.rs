//! Running the program: commands, start, stop, log, pages.

mod assets;
mod commands;
mod connections;
mod container;
mod documentation;
mod environment;
mod failover;
mod mail;
mod master_key;
mod outcome;
mod pages;
mod serving;
mod storage;
mod trouble;
mod users;
