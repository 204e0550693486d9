      * Every item of fixed length that GnuCOBOL and z/OS store alike.
       01  FIXED-REC.
           05  A-TEXT          PIC X(10).
           05  A-RIGHT         PIC X(08) JUSTIFIED RIGHT.
           05  Z-UNSIGNED      PIC 9(05).
           05  Z-TRAILING      PIC S9(05)V99.
           05  Z-LEADING       PIC S9(05)V99 SIGN LEADING.
           05  Z-TRAILING-SEP  PIC S9(05)V99 SIGN TRAILING SEPARATE.
           05  Z-LEADING-SEP   PIC S9(05)V99 SIGN LEADING SEPARATE.
           05  Z-LONG          PIC S9(13)V9(05).
           05  Z-SCALED        PIC S9(03)P(02).
           05  Z-SMALL         PIC SV9(04).
           05  Z-BLANK         PIC 9(04) BLANK WHEN ZERO.
           05  P-ODD           PIC S9(05)V99 COMP-3.
           05  P-EVEN          PIC S9(04)V99 COMP-3.
           05  P-UNSIGNED      PIC 9(05) COMP-3.
           05  P-LONG          PIC S9(13)V9(05) COMP-3.
           05  B-HALF          PIC S9(04) COMP.
           05  B-FULL          PIC S9(07)V99 COMP.
           05  B-DOUBLE        PIC S9(13)V9(05) COMP.
           05  B-UNSIGNED      PIC 9(09) COMP.
           05  E-SIGN          PIC -(06)9.99.
           05  E-STARS         PIC **,**9.99-.
           05  A-DATE          PIC X(08).
           05  A-DATE-R REDEFINES A-DATE.
               10  A-YEAR      PIC 9(04).
               10  A-MONTH     PIC 9(02).
               10  A-DAY       PIC 9(02).
           05  A-BYTE          PIC X(01).
           05  S-HALF          PIC S9(04) COMP SYNC.
           05  S-FULL          PIC S9(09) COMP SYNC.
           05  A-TABLE OCCURS 3 TIMES.
               10  T-TEXT      PIC X(02).
               10  T-NUMBER    PIC S9(03)V9 COMP-3.
