      * Two tables as long as their counters say, with items between and behind them.
       01  TABLES-REC.
           05  N-1             PIC 9(01).
           05  N-2             PIC S9(03) COMP-3.
           05  T-1 OCCURS 0 TO 5 TIMES DEPENDING ON N-1.
               10  T-1-TEXT    PIC X(03).
               10  T-1-NUMBER  PIC S9(05) COMP-3.
           05  BETWEEN         PIC X(04).
           05  T-2             PIC S9(03)V9 OCCURS 0 TO 9 TIMES
                               DEPENDING ON N-2.
           05  BEHIND          PIC S9(04) COMP.
