      * Items that GnuCOBOL stores as the machine does: the least byte first, IEEE 754.
       01  NATIVE-REC.
           05  N-HALF          PIC S9(04) COMP-5.
           05  N-FULL          PIC S9(07)V99 COMP-5.
           05  N-DOUBLE        PIC S9(13)V9(05) COMP-5.
           05  N-UNSIGNED      PIC 9(04) COMP-5.
           05  N-SHORT-FLOAT   COMP-1.
           05  N-LONG-FLOAT    COMP-2.
