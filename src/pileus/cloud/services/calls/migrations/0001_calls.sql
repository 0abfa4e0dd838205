-- A call, until a while after it ended. `caller` and `callee` are accounts, `callee_device` is "" until one answered.
CREATE TABLE calls_call (
  id TEXT PRIMARY KEY,
  caller TEXT NOT NULL,
  callee TEXT NOT NULL,
  caller_device TEXT NOT NULL,
  callee_device TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  offer TEXT NOT NULL,
  began_ms INTEGER NOT NULL,
  answered_ms INTEGER NOT NULL,
  ended_ms INTEGER NOT NULL,
  caller_heard_ms INTEGER NOT NULL,
  callee_heard_ms INTEGER NOT NULL,
  -- 1 where the callee blocked the caller
  silent INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX calls_call_caller ON calls_call (caller, state);
CREATE INDEX calls_call_callee ON calls_call (callee, state);
CREATE INDEX calls_call_state ON calls_call (state, ended_ms);
-- What one side's device tells the other's; gone when the call ended.
CREATE TABLE calls_signal (
  call TEXT NOT NULL,
  number INTEGER NOT NULL,
  side TEXT NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (call, number)
) WITHOUT ROWID;
