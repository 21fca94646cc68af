//! Running the program: commands, start, stop, log, pages.

mod assets;
mod commands;
mod outcome;
mod pages;
mod serving;
mod storage;
