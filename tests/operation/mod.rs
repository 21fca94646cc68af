//! Running the program: commands, start, stop, log, pages.

mod commands;
mod connections;
mod outcome;
mod pages;
mod serving;
mod storage;
