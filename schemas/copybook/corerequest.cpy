       01  CORE-REQUEST.
           05  REQ-TXN-ID            PIC X(16).
           05  REQ-KIND              PIC X(01).
               88  REQ-NORMAL        VALUE 'N'.
               88  REQ-INSTANT       VALUE 'I'.
           05  REQ-SENT              PIC X(26).
           05  REQ-CCY               PIC X(03).
           05  REQ-AMOUNT            PIC S9(11)V99 COMP-3.
           05  REQ-VALUE-DATE        PIC 9(07).
           05  REQ-CHARGES           PIC X(01).
               88  CHARGES-SHARED    VALUE 'S'.
               88  CHARGES-DEBTOR    VALUE 'P'.
               88  CHARGES-CREDITOR  VALUE 'B'.
           05  REQ-DEBTOR.
               10  DBT-IBAN          PIC X(34).
               10  DBT-BIC           PIC X(11).
               10  DBT-NAME          PIC X(35).
           05  REQ-CREDITOR.
               10  CDT-ACCOUNT-KIND  PIC X(01).
                   88  KIND-IBAN     VALUE 'I'.
                   88  KIND-OTHER    VALUE 'O'.
               10  CDT-ACCOUNT       PIC X(34).
               10  CDT-BIC           PIC X(11).
               10  CDT-NAME          PIC X(35).
           05  REQ-REFERENCE         PIC X(25).
           05  REQ-TEXT-COUNT        PIC 9(01).
           05  REQ-TEXT              PIC X(35) OCCURS 0 TO 4 TIMES
                                     DEPENDING ON REQ-TEXT-COUNT.
